"""How texts are found: the extensions that indexes need, and the words of a text."""

from django.contrib.postgres.operations import BtreeGinExtension, BtreeGistExtension, TrigramExtension
from django.db import migrations

# The words of a text as a tsvector: every pair of neighbouring CJK characters (a lone one as it is), and every word of Latin letters or
# digits. NFKC and lower case, so that full-width and half-width writing meet. Splitting takes half the time of matching; an import calls
# this for each customer.
BIGRAMS = r"""
CREATE FUNCTION handover_bigrams(t text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
    run text;
    n integer;
    words text[] := '{}';
BEGIN
    t := lower(normalize(left(t, 20000), NFKC));
    FOREACH run IN ARRAY regexp_split_to_array(t, '[^\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+') LOOP
        n := char_length(run);
        IF n > 1 THEN
            FOR i IN 1..n - 1 LOOP
                words := words || substr(run, i, 2);
            END LOOP;
        ELSIF n = 1 THEN
            words := words || run;
        END IF;
    END LOOP;
    FOREACH run IN ARRAY regexp_split_to_array(t, '[^a-z0-9\u00df-\u024f\u0370-\u05ff\u0600-\u06ff]+') LOOP
        IF run <> '' THEN
            words := words || left(run, 64);
        END IF;
    END LOOP;
    RETURN array_to_tsvector(words);
END
$$;
"""

OPERATIONS = [
    BtreeGistExtension(),
    BtreeGinExtension(),
    TrigramExtension(),
    migrations.RunSQL(BIGRAMS, "DROP FUNCTION handover_bigrams(text)"),
]

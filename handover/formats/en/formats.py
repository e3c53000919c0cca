"""How English says an instant in a sentence of the ledger: as everywhere on the pages, not as in the United States."""

SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y H:i"

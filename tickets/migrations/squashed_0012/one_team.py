"""Rows that belong together are of one team: foreign keys over two columns.

One check over two columns is stronger than one on each (the parts are of the SAME team), and cheaper: an import makes these checks for
every row.
"""

from django.db import migrations

UP = """
ALTER TABLE tickets_shop ADD CONSTRAINT shop_with_its_team UNIQUE (id, team_id);
ALTER TABLE tickets_customer ADD CONSTRAINT customer_with_its_team UNIQUE (id, team_id);
ALTER TABLE tickets_order ADD CONSTRAINT order_is_of_its_shops_team
    FOREIGN KEY (shop_id, team_id) REFERENCES tickets_shop (id, team_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE tickets_order ADD CONSTRAINT order_is_of_its_customers_team
    FOREIGN KEY (customer_id, team_id) REFERENCES tickets_customer (id, team_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE tickets_handle ADD CONSTRAINT handle_is_of_its_customers_team
    FOREIGN KEY (customer_id, team_id) REFERENCES tickets_customer (id, team_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE tickets_customer ADD CONSTRAINT customer_is_merged_within_its_team
    FOREIGN KEY (merged_into_id, team_id) REFERENCES tickets_customer (id, team_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE tickets_reason ADD CONSTRAINT reason_with_its_team UNIQUE (id, team_id);
ALTER TABLE tickets_script ADD CONSTRAINT script_is_of_its_shops_team
    FOREIGN KEY (shop_id, team_id) REFERENCES tickets_shop (id, team_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE tickets_script ADD CONSTRAINT script_is_of_its_reasons_team
    FOREIGN KEY (reason_id, team_id) REFERENCES tickets_reason (id, team_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE tickets_campaign ADD CONSTRAINT campaign_is_of_its_shops_team
    FOREIGN KEY (shop_id, team_id) REFERENCES tickets_shop (id, team_id) DEFERRABLE INITIALLY DEFERRED;
"""
DOWN = """
ALTER TABLE tickets_campaign DROP CONSTRAINT campaign_is_of_its_shops_team;
ALTER TABLE tickets_script DROP CONSTRAINT script_is_of_its_reasons_team, DROP CONSTRAINT script_is_of_its_shops_team;
ALTER TABLE tickets_reason DROP CONSTRAINT reason_with_its_team;
ALTER TABLE tickets_customer DROP CONSTRAINT customer_is_merged_within_its_team;
ALTER TABLE tickets_handle DROP CONSTRAINT handle_is_of_its_customers_team;
ALTER TABLE tickets_order DROP CONSTRAINT order_is_of_its_customers_team, DROP CONSTRAINT order_is_of_its_shops_team;
ALTER TABLE tickets_customer DROP CONSTRAINT customer_with_its_team;
ALTER TABLE tickets_shop DROP CONSTRAINT shop_with_its_team;
"""

OPERATIONS = [migrations.RunSQL(UP, DOWN)]

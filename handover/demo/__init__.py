"""The demo team: a shop for kitchen ware with an account for every role, laid around the present moment. Local mode only."""

"""What people type about tickets, checked and turned into what the actions take."""

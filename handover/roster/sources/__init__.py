"""The roster as people keep it in a spreadsheet: names down, dates across, a code in each cell."""

"""What a month's end makes of closed sheets: lines, drafts to look at, corrections of what was issued before."""

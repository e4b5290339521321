"""Month's end: closings, drafts, what a person decides of them, and the pieces they become."""

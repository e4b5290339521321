"""Our own pages, for people: sign-in and its second step, what a site may know, passkeys, signing out."""

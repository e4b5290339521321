"""Holding what outside parties say came in against what the cash office wrote down; nothing is absorbed silently."""

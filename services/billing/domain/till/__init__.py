"""The till: money that came in, credits, refunds, deposits, and the journal that holds every act of them."""

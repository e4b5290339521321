"""Around a payment: who takes it, what the provider tells by itself, what people decide."""

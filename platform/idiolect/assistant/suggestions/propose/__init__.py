"""Where candidates come from: templates that need no model, and a language model."""

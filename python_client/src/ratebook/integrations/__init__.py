"""Ratebook behind what others call when a model has answered; each module needs the library of its name."""

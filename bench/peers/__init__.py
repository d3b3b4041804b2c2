"""Boards and engines that the product is measured beside. They know nothing of it: only its data, as plain rows."""

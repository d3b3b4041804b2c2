"""What the interface takes and gives, each as its audience sees it."""

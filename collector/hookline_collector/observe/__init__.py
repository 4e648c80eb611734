"""What the collector says of itself: metrics, health, room on the disk."""

"""HTTP and WebSocket routes around the hub and the portal."""

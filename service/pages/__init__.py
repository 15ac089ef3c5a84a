"""Pages people look at, server-rendered, over the same operations and permissions as the API."""

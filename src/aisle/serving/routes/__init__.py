"""What may be asked of the service? One file a resource."""

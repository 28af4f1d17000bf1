"""What runs around the services, as infrastructure tools describe it: cloud resources and workloads."""

"""What `notify.yaml` says: records, and how the file becomes them."""

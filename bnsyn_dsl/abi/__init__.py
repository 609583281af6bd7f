"""The contract between generated code and runtime: operations, random numbers, manifests."""

"""What tests of several areas share: people, clients, stores, collectors, captures."""

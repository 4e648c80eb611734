-- Lets glibc in this server process keep what each statement frees: it does so up to twice the largest piece that it ever gave back. Without this
-- every look has its sessions copied to pages that the system must give anew, which is a quarter of what it costs.
SELECT length(repeat(' ', 4194304))

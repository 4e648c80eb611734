SELECT version(), currentUser()

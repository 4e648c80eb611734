-- Forget a silence that ended long ago.
DELETE FROM silences WHERE id = :id

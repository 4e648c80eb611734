-- Which of all are the agents'.
WHERE (ScopeName IN ('hookline.agent', 'hookline.history') OR startsWith(ScopeName, 'com.anthropic.claude_code'))
  AND SpanAttributes['session.id'] != '' AND NOT startsWith(SpanAttributes['session.id'], 'hookline-doctor-')

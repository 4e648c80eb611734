-- Which of all are the agents'.
WHERE (ScopeName IN ('hookline.agent', 'hookline.history') OR startsWith(ScopeName, 'com.anthropic.claude_code')
       OR (ScopeName = 'hookline.collector' AND EventName = 'hookline.session.closed'))
  AND LogAttributes['session.id'] != '' AND NOT startsWith(LogAttributes['session.id'], 'hookline-doctor-')

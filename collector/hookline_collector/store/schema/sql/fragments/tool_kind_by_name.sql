-- What a tool does, by nothing but its name: as contract/tool_kinds.py has it.
multiIf(
    startsWith(tool, 'mcp__'), 'mcp',
    tool IN (
        'Bash', 'BashOutput', 'Execute', 'KillShell', 'PowerShell', 'Shell', 'bash', 'exec_command', 'execute_command', 'local_shell',
        'powershell', 'run_commands', 'run_shell_command', 'shell', 'write_stdin'), 'shell',
    tool IN (
        'NotebookRead', 'Read', 'ReadFile', 'ReadManyFiles', 'ReadMediaFile', 'read', 'read_file', 'read_files', 'read_many_files', 'view',
        'view_image'), 'read',
    tool IN (
        'ApplyPatch', 'Create', 'Edit', 'MultiEdit', 'NotebookEdit', 'StrReplaceFile', 'Write', 'WriteFile', 'apply_patch', 'create', 'edit',
        'edit_file', 'editor', 'multiedit', 'patch', 'replace', 'str_replace_editor', 'write', 'write_file'), 'edit',
    tool IN (
        'Glob', 'Grep', 'LS', 'ListDirectory', 'codesearch', 'glob', 'grep', 'grep_search', 'list', 'list_directory', 'rg', 'search_codebase',
        'search_file_content'), 'search',
    tool IN (
        'FetchURL', 'FetchUrl', 'SearchWeb', 'WebFetch', 'WebSearch', 'fetch_web_content', 'google_web_search', 'web_fetch', 'web_search',
        'webfetch', 'websearch'), 'web',
    tool IN (
        'Agent', 'AgentSwarm', 'Task', 'agent', 'collaborationspawn_agent', 'delegate_to_agent', 'invoke_agent', 'spawn_agent', 'task'), 'agent',
    'other')

# A stdio MCP server of the legacy era for tests, as small as a process can be: it answers every call with its process id, but for one named slow.
while IFS= read -r line; do
  case $line in *'"id":'*) ;; *) continue ;; esac
  id=${line#*'"id":'}
  id=${id%%[,\}]*}
  case $line in
    *'"initialize"'*)
      echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}}' ;;
    *'"server/discover"'*)
      echo '{"jsonrpc":"2.0","id":'"$id"',"error":{"code":-32601,"message":"no"}}' ;;
    *'"slow"'*) ;;
    *)
      echo '{"jsonrpc":"2.0","id":'"$id"',"result":{"tools":[],"content":[{"type":"text","text":"'"$$"'"}]}}' ;;
  esac
done

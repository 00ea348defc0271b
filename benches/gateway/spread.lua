-- Spreads requests over all hosts and prints one line that the harness reads.
-- Arguments: the number of hosts.

local requests, count, at = {}, 0, 0

function init(arguments)
  count = tonumber(arguments[1])
  for host = 0, count - 1 do
    requests[host] = wrk.format("GET", "/app/item", { Host = string.format("host-%d.example.com", host) })
  end
end

function request()
  -- A stride without a common factor visits every host, and neighbours never in a row.
  at = (at + 617) % count
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    "measured requests=%d microseconds=%d p50=%d p99=%d errors=%d\n",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end

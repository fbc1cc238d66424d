internal import Distribution
internal import MetricsModel

/// The pairs of senders as a page.
enum HATrackerPage {
    /// - Parameter now: Milliseconds since the Unix epoch; times are shown as distances from it.
    static func html(_ clusters: [HAClusterStatus], now: Int64) -> String {
        let rows = clusters.map { row($0, now: now) }.joined(separator: "\n")
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>HA tracker</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <style>
            :root { color-scheme: light dark }
            body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; padding: 0 1rem }
            th, td { padding: .2rem 1.5rem .2rem 0; text-align: left; vertical-align: top }
            </style></head>
            <body><h1>HA tracker</h1>
            <p>\(clusters.count) clusters of senders, as this distributor knows them.</p>
            <table><thead><tr><th>Tenant</th><th>Cluster</th><th>Elected replica</th>
            <th>Elected</th><th>Received</th><th>Newest sample</th><th>Heard here lately</th>
            <th>Kept</th></tr></thead><tbody>
            \(rows)
            </tbody></table></body></html>

            """
    }

    private static func row(_ status: HAClusterStatus, now: Int64) -> String {
        let replicas = status.replicas.map {
            "\(escaped($0.name)) (\(distance($0.receivedAt, from: now)))"
        }
        let cells = [
            escaped(status.cluster.tenant.name), escaped(status.cluster.cluster),
            escaped(status.replica), distance(status.electedAt, from: now),
            distance(status.receivedAt, from: now),
            status.newestSample.map { distance($0, from: now) } ?? "none",
            replicas.joined(separator: "<br>"), "\(status.keptSize) bytes",
        ]
        return "<tr>" + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
    }

    private static func distance(_ time: Int64, from now: Int64) -> String {
        let (difference, overflow) = now.subtractingReportingOverflow(time)
        guard !overflow else { return "–" }
        let tenths = difference.magnitude / 100
        let text = "\(tenths / 10).\(tenths % 10) s"
        return difference < 0 ? "in \(text)" : "\(text) ago"
    }

    /// Label values are whatever senders say.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}

/// Clusters beside each other, as a table of Markdown.
public struct CapacityTable: Sendable {
    private let models: [CapacityModel]

    public init(_ models: [CapacityModel]) { self.models = models }

    public var text: String {
        var lines = [row("") { Self.short($0.load.activeSeries) + " series" }]
        lines.append("| --- |" + String(repeating: " ---: |", count: models.count))
        lines += [
            row("samples a second") { Self.short($0.load.samplesPerSecond) },
            row("distributors × cores") { Self.processes($0.distributors, $0.distributorCores) },
            row("memory of what a distributor knows") { Self.bytes($0.distributorMemory) },
            row("ingesters × cores") { Self.processes($0.ingesters, $0.ingesterCores) },
            row("memory of an ingester") { Self.bytes($0.ingesterMemory) },
            row("disk of an ingester") { Self.bytes($0.ingesterDisk) },
            row("queriers × cores") { Self.processes($0.queriers, $0.querierCores) },
            row("from senders, a second") { Self.bytes($0.bytesFromSenders) },
            row("to ingesters, a second") { Self.bytes($0.bytesToIngesters) },
            row("into the database, a second") { Self.bytes($0.bytesIntoStore) },
            row("blocks flushed a second") { Self.number($0.blocksPerSecond) },
            row("polls of the ring, a second") { Self.bytes($0.polledBytes) },
            row("cores of the database") { Self.number($0.storeCores) },
            row("kept in the database") { Self.bytes($0.storedBytes) },
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ title: String, _ cell: (CapacityModel) -> String) -> String {
        "| \(title) | " + models.map(cell).joined(separator: " | ") + " |"
    }

    /// Cores are those of each process.
    private static func processes(_ count: Int, _ cores: Double) -> String {
        "\(count) × \(number(cores / Double(count)))"
    }

    private static func bytes(_ value: Double) -> String {
        let (scaled, prefix) = scale(value)
        return "\(number(scaled)) \(prefix)B"
    }

    private static func short(_ value: Double) -> String {
        let (scaled, prefix) = scale(value)
        return number(scaled) + (prefix.isEmpty ? "" : " \(prefix)")
    }

    private static func scale(_ value: Double) -> (Double, String) {
        var (scaled, index) = (value, 0)
        let prefixes = ["", "k", "M", "G", "T", "P"]
        while scaled >= 999.5, index + 1 < prefixes.count {
            (scaled, index) = (scaled / 1000, index + 1)
        }
        return (scaled, prefixes[index])
    }

    /// Two digits that count.
    private static func number(_ value: Double) -> String {
        if value >= 9.95 { return "\(Int(value.rounded()))" }
        let step = value >= 0.95 ? 10.0 : 100.0
        let rounded = (value * step).rounded() / step
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}

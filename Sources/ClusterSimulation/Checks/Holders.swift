internal import ChunkCoding
internal import ClusterInterface
internal import Ingestion
internal import MetricsModel

/// Where samples are, for people who look for the cause of a failure.
extension SimulatedCluster {
    /// In words, how many of the samples each ingester and each live block has.
    func holders(of timestamps: [Int64], series number: Int, of tenant: TenantID) async -> String {
        var found: [String] = []
        let range = TimeRange(start: timestamps.min() ?? 0, end: (timestamps.max() ?? 0) + 1)
        guard
            let matcher = try? LabelMatcher(name: "series", operation: .equal, value: "\(number)")
        else { return "" }
        let request = SelectRequest(tenant: tenant, matchers: [matcher], range: range)
        for machine in machines {
            guard let ingester = machine.ingester else {
                found.append("\(machine.name): down")
                continue
            }
            guard let series = try? await ingester.select(request) else {
                found.append("\(machine.name): \(ingester.life.name)")
                continue
            }
            var columns = SampleColumns()
            for chunk in series.flatMap(\.chunks) {
                try? chunk.decode(maximumCount: 1 << 16, needed: .all, into: &columns)
            }
            let count = Set(columns.timestamps).intersection(timestamps).count
            found.append("\(machine.name): \(count)")
        }
        for record in database.blocks(of: tenant, overlapping: range) {
            found.append(
                "block \(record.range.start)..<\(record.range.end) of level \(record.level)"
            )
        }
        return found.joined(separator: ", ")
    }
}

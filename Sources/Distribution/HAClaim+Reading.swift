internal import MetricsModel
internal import RemoteWrite

extension WriteScratch {
    /// Who a request says that it is of: the labels of its first series; nil where one of the two is absent.
    ///
    /// - Throws: ``PushError/invalidHALabel(name:problem:)`` where the store could not hold a value.
    func claim(
        by labels: HALabels,
        tenant: TenantID,
        now: Int64,
        maximumLabels: Int
    ) throws(PushError) -> HAClaim? {
        guard !request.rows.isEmpty else { return nil }
        do throws(SeriesKeyError) {
            try request.canonicalise(row: 0, in: buffer.bytes, maximumLabels: maximumLabels)
        } catch {
            // The series is refused later, with the reason in words.
            return nil
        }
        let values = request.values(
            of: [labels.cluster, labels.replica],
            ofRow: 0,
            in: buffer.bytes
        )
        guard let cluster = try Self.text(values[0], of: labels.cluster),
            let replica = try Self.text(values[1], of: labels.replica)
        else { return nil }
        return HAClaim(
            cluster: HAClusterID(tenant: tenant, cluster: cluster),
            replica: replica,
            // A sample of the future must not keep its replica elected.
            newestSample: newestSample.map { min($0, now) }
        )
    }

    private static func text(
        _ value: DecodedWriteRequest.LabelValue,
        of name: [UInt8]
    ) throws(PushError) -> String? {
        let problem: String
        switch value {
        case .absent: return nil
        case .notText: problem = "is not valid UTF-8"
        case .text(let text):
            guard !HAClusterID.isName(text) else { return text }
            let limit = HAClusterID.maximumNameSize
            problem =
                text.utf8.count > limit
                ? "has \(text.utf8.count) bytes, limit \(limit)" : "has the character NUL"
        }
        throw .invalidHALabel(
            name: ShortText.prefix(of: String(decoding: name, as: UTF8.self), bytes: 100),
            problem: problem
        )
    }

    /// Of any series; of histograms only where there is nothing else, because they have to be decoded for it.
    private var newestSample: Int64? {
        if let newest = request.timestamps.max() { return newest }
        var newest: Int64?
        for index in 0..<request.histogramCount {
            guard let (message, _) = try? request.histogram(index, in: buffer.bytes) else {
                continue
            }
            newest = max(newest ?? .min, message.timestamp)
        }
        return newest
    }
}

public import MetricsModel

extension LogRecordEncoder {
    /// The record of ``LogRecord/exemplars(tenant:_:)``; each series is in it once.
    public static func exemplars(_ exemplars: [LoggedExemplar], tenant: TenantID) -> [UInt8] {
        var numbers: [Labels: UInt64] = [:]
        var keys: [UInt8] = []
        var entries: [UInt8] = []
        var timestamp: Int64 = 0
        for logged in exemplars {
            let number = numbers[logged.series] ?? UInt64(numbers.count)
            if numbers.updateValue(number, forKey: logged.series) == nil {
                keys.appendVarint(UInt64(logged.series.key.count))
                keys.append(contentsOf: logged.series.key)
            }
            entries.appendVarint(number)
            ExemplarBytes.append(logged.exemplar, after: timestamp, to: &entries)
            timestamp = logged.exemplar.timestamp
        }
        var record = start(
            .exemplars,
            tenant: tenant,
            capacity: keys.count + entries.count + 10
        )
        record.appendVarint(UInt64(numbers.count))
        record.append(contentsOf: keys)
        record.appendVarint(UInt64(exemplars.count))
        record.append(contentsOf: entries)
        return record
    }

    /// The record of ``LogRecord/metadata(tenant:_:)``.
    public static func metadata(_ entries: [SeenMetadata], tenant: TenantID) -> [UInt8] {
        var record = start(.metadata, tenant: tenant, capacity: 128 * entries.count + 5)
        record.appendVarint(UInt64(entries.count))
        for entry in entries {
            record.appendVarint(ZigZag.encode(entry.lastSeen))
            MetadataBytes.append(entry.metadata, to: &record)
        }
        return record
    }
}

internal import MetricsModel

/// What stands in records of exemplars and metadata.
extension RecordScanner {
    mutating func exemplars() throws(LogRecordError) -> [LoggedExemplar] {
        var series: [Labels] = []
        let seriesCount = try self.count(minimumSize: RecordLayout.minimumSeriesSize)
        for _ in 0..<seriesCount {
            let start = offset
            let key = Array(try lengthPrefixed())
            do throws(LabelsError) {
                series.append(try Labels(validating: key))
            } catch {
                throw .invalidSeriesKey(error, offset: start)
            }
        }
        let count = try self.count(minimumSize: RecordLayout.minimumExemplarSize)
        var exemplars: [LoggedExemplar] = []
        exemplars.reserveCapacity(count)
        var timestamp: Int64 = 0
        for _ in 0..<count {
            let start = offset
            let number = try varint()
            guard number < UInt64(series.count) else {
                throw .seriesOutOfRange(number, offset: start)
            }
            let exemplar = try exemplar(after: timestamp)
            timestamp = exemplar.timestamp
            exemplars.append(LoggedExemplar(series: series[Int(number)], exemplar: exemplar))
        }
        return exemplars
    }

    mutating func metadata() throws(LogRecordError) -> [SeenMetadata] {
        let count = try count(minimumSize: RecordLayout.minimumMetadataSize)
        var entries: [SeenMetadata] = []
        entries.reserveCapacity(count)
        for _ in 0..<count {
            let lastSeen = try signedVarint()
            entries.append(SeenMetadata(try metadataEntry(), lastSeen: lastSeen))
        }
        return entries
    }

    private mutating func exemplar(after base: Int64) throws(LogRecordError) -> Exemplar {
        do throws(StoredBytesError) {
            let (exemplar, size) = try ExemplarBytes.read(rest, after: base)
            skip(size)
            return exemplar
        } catch {
            throw .invalidExemplar(error, offset: offset)
        }
    }

    private mutating func metadataEntry() throws(LogRecordError) -> MetricMetadata {
        do throws(StoredBytesError) {
            let (entry, size) = try MetadataBytes.read(rest)
            skip(size)
            return entry
        } catch {
            throw .invalidMetadata(error, offset: offset)
        }
    }
}

internal import ChunkCoding
internal import MetricsModel

extension Head {
    /// Stores one sample.
    ///
    /// A sample later than all that the series ever had is taken at any age. One that is not is
    /// compared with what is in memory, and else taken as a late one if it is young enough.
    ///
    /// - Parameters:
    ///   - timestamp: Milliseconds since the Unix epoch.
    ///   - series: A reference of this head to a series that is in memory.
    ///   - lateWindow: How far before `now` late samples are accepted, ms; 0 refuses all.
    ///   - now: Wall clock, ms.
    ///   - segment: The log segment that will hold the sample.
    public mutating func append(
        timestamp: Int64,
        value: Double,
        to series: SeriesReference,
        lateWindow: Int64,
        now: Int64,
        segment: UInt64
    ) -> AppendOutcome {
        if unvisited != nil { visitBeforeChange(series.number) }
        let record = records[series.number]
        if timestamp <= record.pointee.newest, record.pointee.hasSamples {
            let age = LateLimit(window: lateWindow, now: now)
            return appendLate(timestamp, value, to: series.number, age, segment: segment)
        }
        if !record.push(timestamp: timestamp, value: value, in: &chunks.arena) {
            startChunk(timestamp, value, series.number)
        }
        windows.note(timestamp, segment: segment, settings)
        counts.samples &+= 1
        return .stored
    }

    /// Closes the open chunk, if there is one, and starts another.
    @inline(never)
    private mutating func startChunk(_ timestamp: Int64, _ value: Double, _ number: UInt32) {
        let record = records[number]
        precondition(record.pointee.flags.contains(.live), "series \(number) left memory")
        let start = settings.windowStart(of: timestamp)
        let isFirstOfWindow = record.pointee.newest < start || !record.pointee.hasSamples
        if record.pointee.sampleCount > 0 { closeOpenChunk(number) }
        record.startChunk(
            timestamp: timestamp,
            value: value,
            windowEnd: settings.windowEnd(ofStart: start),
            limit: settings.sampleLimit(
                isFirstOfWindow: isFirstOfWindow,
                fingerprint: record.pointee.fingerprintLow
            )
        )
        // Whether the newest sample is a histogram is not in the record.
        if record.pointee.flags.contains(.aside) { noteNewestIsFloat(number) }
    }

    // MARK: Late samples

    /// Decides about a sample that is not later than the newest one.
    @inline(never)
    private mutating func appendLate(
        _ timestamp: Int64,
        _ value: Double,
        to number: UInt32,
        _ limit: LateLimit,
        segment: UInt64
    ) -> AppendOutcome {
        if let known = self.value(at: timestamp, of: number) {
            return known.isFloat(value) ? .duplicate : .refused(.newValueForTimestamp)
        }
        if let refusal = limit.refusal(of: timestamp) { return .refused(refusal) }
        late[number, default: LateSamples()].insert(timestamp: timestamp, value: value)
        records[number].pointee.flags.insert(.late)
        windows.note(timestamp, segment: segment, settings)
        counts.samples += 1
        if late[number]?.count ?? 0 >= settings.samplesPerChunk { closeLateSamples(number) }
        return .stored
    }

    /// The value at a timestamp, if it is known.
    ///
    /// The newest value is known even after its chunk has left memory.
    func value(at timestamp: Int64, of number: UInt32) -> KnownValue? {
        let record = records[number]
        let flags = record.pointee.flags
        if timestamp == record.pointee.newest {
            if flags.contains(.aside), let newest = aside[number]?.newestHistogram {
                return .histogram(newest)
            }
            return .float(bits: record.pointee.newestBits)
        }
        if record.pointee.sampleCount > 0, timestamp >= record.pointee.firstTimestamp {
            let found = record.withSamples(in: chunks.arena) { timestamps, values in
                timestamps.firstIndex(of: timestamp).map { values[$0].bitPattern }
            }
            if let found { return .float(bits: found) }
        }
        var chunk = newestChunk(of: number)
        while let (found, header) = chunk {
            if header.minTime <= timestamp, timestamp <= header.maxTime,
                let value = OwnChunks.value(at: timestamp, in: chunks.encoded(found))
            {
                return value
            }
            chunk = self.chunk(header.older)
        }
        if flags.contains(.late), let found = late[number]?.value(at: timestamp) {
            return .float(bits: found)
        }
        return flags.contains(.aside) ? aside[number]?.value(at: timestamp) : nil
    }

    /// Moves the late samples of a series to its closed chunks.
    private mutating func closeLateSamples(_ number: UInt32) {
        guard let samples = late.removeValue(forKey: number) else { return }
        records[number].pointee.flags.remove(.late)
        for chunk in samples.chunks(settings) { add(chunk, to: number) }
    }
}

/// Which late samples are taken.
struct LateLimit {
    let window: Int64
    let now: Int64

    func refusal(of timestamp: Int64) -> AppendRefusal? {
        guard window > 0 else { return .outOfOrder }
        let (oldest, overflow) = now.subtractingReportingOverflow(window)
        // Only a negative time can be too low to be told; all timestamps are later then.
        return overflow || timestamp >= oldest ? nil : .tooOld
    }
}

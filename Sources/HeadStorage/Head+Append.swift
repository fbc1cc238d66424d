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
        let record = records[series.number]
        if timestamp <= record.pointee.newest, record.pointee.hasSamples {
            let age = LateLimit(window: lateWindow, now: now)
            return appendLate(timestamp, value, to: series.number, age, segment: segment)
        }
        let count = Int(record.pointee.sampleCount)
        if count > 0, timestamp < record.pointee.windowEnd, count < settings.samplesPerChunk {
            let spilled = record.pointee.spilledSize
            record.push(timestamp: timestamp, value: value)
            counts.chunkBytes &+= Int(record.pointee.spilledSize &- spilled)
        } else {
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
        precondition(record.pointee.isLive, "series \(number) left memory")
        if record.pointee.sampleCount > 0 {
            let chunk = takeOpenChunk(number)
            add(chunk, to: number)
        }
        let start = settings.windowStart(of: timestamp)
        record.startChunk(
            timestamp: timestamp,
            value: value,
            windowEnd: settings.windowEnd(ofStart: start)
        )
        // Whether the newest sample is a histogram is not in the record.
        if details[Int(number)].hasAside { noteNewestIsFloat(number) }
    }

    /// Encodes the open chunk and empties it.
    mutating func takeOpenChunk(_ number: UInt32) -> EncodedChunk {
        let record = records[number]
        let chunk = record.encodeOpenChunk()
        counts.chunkBytes -= Int(record.pointee.spilledSize)
        record.dropOpenChunk()
        return chunk
    }

    /// Adds a chunk to the closed ones.
    mutating func add(_ chunk: EncodedChunk, to number: UInt32) {
        counts.chunkBytes += chunk.memorySize
        OwnChunks.insert(chunk, into: &details[Int(number)].chunks)
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
        details[Int(number)].hasLateSamples = true
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
        let detail = details[Int(number)]
        if timestamp == record.pointee.newest {
            if detail.hasAside, let newest = aside[number]?.newestHistogram {
                return .histogram(newest)
            }
            return .float(bits: record.pointee.newestBits)
        }
        if record.pointee.sampleCount > 0, timestamp >= record.firstTimestamp {
            let found = record.withSamples { timestamps, values in
                timestamps.firstIndex(of: timestamp).map { values[$0].bitPattern }
            }
            if let found { return .float(bits: found) }
        }
        if let found = OwnChunks.value(at: timestamp, in: detail.chunks) { return found }
        if detail.hasLateSamples, let found = late[number]?.value(at: timestamp) {
            return .float(bits: found)
        }
        if detail.hasAside, let found = aside[number]?.value(at: timestamp) { return found }
        guard detail.pendingCutCount > 0 else { return nil }
        for cut in cuts {
            if let found = OwnChunks.value(at: timestamp, in: cut.chunks(of: number)) {
                return found
            }
        }
        return nil
    }

    /// Moves the late samples of a series to its closed chunks.
    private mutating func closeLateSamples(_ number: UInt32) {
        guard let samples = late.removeValue(forKey: number) else { return }
        details[Int(number)].hasLateSamples = false
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

internal import ChunkCoding
public import MetricsModel

extension Head {
    /// Stores one histogram; the rules are those of
    /// ``append(timestamp:value:to:lateWindow:now:segment:)``.
    ///
    /// - Parameters:
    ///   - start: When counting began, ms; 0 is unknown. Samples that differ only in it are the same.
    /// - Precondition: The histogram is ``Histogram/isStorable``.
    public mutating func append(
        timestamp: Int64,
        histogram: Histogram,
        start: Int64,
        to series: SeriesReference,
        lateWindow: Int64,
        now: Int64,
        segment: UInt64
    ) -> AppendOutcome {
        precondition(histogram.isStorable, "a histogram that no chunk can hold")
        let number = series.number
        if unvisited != nil { visitBeforeChange(number) }
        let record = records[number]
        if timestamp <= record.pointee.newest, record.pointee.hasSamples {
            if let known = value(at: timestamp, of: number) {
                return known.isHistogram(histogram) ? .duplicate : .refused(.newValueForTimestamp)
            }
            let limit = LateLimit(window: lateWindow, now: now)
            if let refusal = limit.refusal(of: timestamp) { return .refused(refusal) }
        } else {
            closeOpenSamples(of: number, before: timestamp)
            record.pointee.newest = timestamp
            updateAside(number) { $0.noteNewest(histogram) }
        }
        makeRoomAside(number, for: histogram.elementCount)
        updateAside(number) {
            $0.insert(timestamp: timestamp, histogram: histogram, start: start)
        }
        noteStored(timestamp, segment: segment)
        return .stored
    }

    /// Stores one float with a start timestamp; the rules are those of
    /// ``append(timestamp:value:to:lateWindow:now:segment:)``.
    ///
    /// - Parameter start: When counting began, ms; 0 is unknown. Samples that differ only in it are the
    ///   same.
    public mutating func append(
        timestamp: Int64,
        value: Double,
        start: Int64,
        to series: SeriesReference,
        lateWindow: Int64,
        now: Int64,
        segment: UInt64
    ) -> AppendOutcome {
        guard start != 0 else {
            return append(
                timestamp: timestamp,
                value: value,
                to: series,
                lateWindow: lateWindow,
                now: now,
                segment: segment
            )
        }
        let number = series.number
        if unvisited != nil { visitBeforeChange(number) }
        let record = records[number]
        if timestamp <= record.pointee.newest, record.pointee.hasSamples {
            if let known = self.value(at: timestamp, of: number) {
                return known.isFloat(value) ? .duplicate : .refused(.newValueForTimestamp)
            }
            let limit = LateLimit(window: lateWindow, now: now)
            if let refusal = limit.refusal(of: timestamp) { return .refused(refusal) }
        } else {
            closeOpenSamples(of: number, before: timestamp)
            record.pointee.newest = timestamp
            record.pointee.newestBits = value.bitPattern
            updateAside(number) { $0.noteNewest(nil) }
        }
        makeRoomAside(number, for: 0)
        updateAside(number) { $0.insert(timestamp: timestamp, value: value, start: start) }
        noteStored(timestamp, segment: segment)
        return .stored
    }

    private mutating func noteStored(_ timestamp: Int64, segment: UInt64) {
        windows.note(timestamp, segment: segment, settings)
        counts.samples += 1
    }

    /// Closes the open chunk of plain floats, whose next time step would be told from a sample that is not
    /// in it, and the samples aside if a window has ended.
    private mutating func closeOpenSamples(of number: UInt32, before timestamp: Int64) {
        let record = records[number]
        precondition(record.pointee.flags.contains(.live), "series \(number) left memory")
        if record.pointee.sampleCount > 0 { closeOpenChunk(number) }
        if record.pointee.flags.contains(.aside),
            settings.windowStart(of: record.pointee.newest) != settings.windowStart(of: timestamp)
        {
            closeAside(number)
        }
    }

    /// Closes the samples aside if one more, with as many elements, is too much for a chunk.
    private mutating func makeRoomAside(_ number: UInt32, for elementCount: Int) {
        guard let samples = aside[number] else { return }
        let limit = min(settings.samplesPerChunk, AsideSamples.samplesPerChunk)
        guard
            samples.count >= limit
                || samples.elementCount + elementCount > EncodedChunk.maximumElementCount
        else { return }
        closeAside(number)
    }

    /// Moves the samples aside of a series to its closed chunks.
    private mutating func closeAside(_ number: UInt32) {
        var closed = SampleColumns()
        updateAside(number) { closed = $0.removeAll() }
        for chunk in closed.chunks(settings) { add(chunk, to: number) }
    }

    /// Takes the samples aside before a time, as chunks.
    mutating func takeAside(of number: UInt32, before end: Int64) -> [EncodedChunk] {
        guard records[number].pointee.flags.contains(.aside) else { return [] }
        var taken = SampleColumns()
        updateAside(number) { taken = $0.removeAll(before: end) }
        return taken.chunks(settings)
    }

    /// Changes the samples aside of a series, and counts their bytes.
    private mutating func updateAside(_ number: UInt32, _ change: (inout AsideSamples) -> Void) {
        if !records[number].pointee.flags.contains(.aside) {
            records[number].pointee.flags.insert(.aside)
            counts.asideBytes += AsideSamples().size
        }
        counts.asideBytes += aside[number, default: AsideSamples()].update(change)
    }

    /// Notes that the newest sample of a series is a plain float.
    mutating func noteNewestIsFloat(_ number: UInt32) {
        updateAside(number) { $0.noteNewest(nil) }
    }

    /// Forgets the samples aside of a series that leaves memory.
    mutating func removeAside(_ number: UInt32) {
        guard let samples = aside.removeValue(forKey: number) else { return }
        counts.asideBytes -= samples.size
    }
}

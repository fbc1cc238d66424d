internal import ChunkCoding
internal import MetricsModel

/// Closed chunks of series.
extension Head {
    /// The newest closed chunk of a series, without those of a cut that is finished.
    func newestChunk(of number: UInt32) -> (chunk: UInt32, header: ClosedChunks.Header)? {
        chunk(records[number].pointee.chunks)
    }

    /// A chunk of a list, or the next older one where it belongs to a cut that is finished.
    func chunk(_ chunk: UInt32) -> (chunk: UInt32, header: ClosedChunks.Header)? {
        var candidate = chunk
        while candidate != CellArena.none {
            let header = chunks.header(candidate).pointee
            if header.cut == 0 || header.cut != finishing?.cut.mark { return (candidate, header) }
            candidate = header.older
        }
        return nil
    }

    /// Encodes the open chunk and empties it.
    mutating func takeOpenChunk(_ number: UInt32) -> EncodedChunk {
        let record = records[number]
        let chunk = record.encodeOpenChunk(in: chunks.arena)
        record.dropOpenChunk(in: &chunks.arena)
        return chunk
    }

    /// Moves the open chunk to the closed ones, and merges these once they are enough.
    mutating func closeOpenChunk(_ number: UInt32) {
        let chunk = takeOpenChunk(number)
        add(merged(chunk, of: number) ?? chunk, to: number)
    }

    /// Adds a chunk to the closed ones.
    mutating func add(_ chunk: EncodedChunk, to number: UInt32) {
        let record = records[number]
        chunks.insert(chunk, into: &record.pointee.chunks)
    }

    /// Takes the newest closed chunks of a series away if they make, with the next one, as many as are merged.
    ///
    /// - Returns: The samples of all as one chunk; nil, and nothing changed, if they are too few.
    private mutating func merged(_ next: EncodedChunk, of number: UInt32) -> EncodedChunk? {
        let wanted = settings.chunksPerMerge - 1
        guard wanted > 0 else { return nil }
        let windowStart = settings.windowStart(of: next.minTime)
        var oldest: UInt32 = CellArena.none
        var start = next.minTime
        var chunk = records[number].pointee.chunks
        var found = 0
        while found < wanted {
            guard chunk != CellArena.none else { return nil }
            let header = chunks.header(chunk).pointee
            // A merged chunk has more samples than one of a merge.
            guard header.cut == 0, header.count <= settings.samplesPerChunk,
                header.minTime >= windowStart, header.maxTime < start,
                chunks.kind(chunk) == .floats
            else { return nil }
            start = header.minTime
            oldest = chunk
            chunk = header.older
            found += 1
        }
        return merge(next, from: oldest, of: number)
    }

    private mutating func merge(
        _ next: EncodedChunk,
        from oldest: UInt32,
        of number: UInt32
    ) -> EncodedChunk {
        let record = records[number]
        var parts = [next]
        var samples = SampleColumns()
        while true {
            let chunk = record.pointee.chunks
            parts.append(chunks.encoded(chunk))
            record.pointee.chunks = chunks.header(chunk).pointee.older
            chunks.arena.give(backChain: chunk)
            if chunk == oldest { break }
        }
        let count = parts.reduce(0) { $0 + $1.count }
        samples.timestamps.reserveCapacity(count)
        samples.values.reserveCapacity(count)
        for part in parts.reversed() { OwnChunks.decode(part, into: &samples) }
        return EncodedChunk(timestamps: samples.timestamps.span, values: samples.values.span)
    }
}

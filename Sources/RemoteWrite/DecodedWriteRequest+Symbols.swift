internal import MetricsModel

/// Whose metadata a message of a 2.0 request is.
struct MetadataOwner: Sendable, Equatable {
    /// The symbol that is the name of the series, which is there, or ``noName``.
    var name: UInt32
    /// Whether the series has native histograms: its name is then that of its metric.
    var isOfHistograms: Bool

    static let noName = UInt32.max
}

extension DecodedWriteRequest {
    /// Puts the labels of the series that is being read together in the side buffer.
    ///
    /// - Parameter position: Where the series is, for errors.
    /// - Returns: the place of the key, in offsets that continue those of the body.
    @inline(__always)
    mutating func appendKey(
        in body: UnsafeRawBufferPointer,
        limits: WriteRequestLimits,
        at position: Int
    ) throws(WireError) -> Range<Int> {
        guard references.count & 1 == 0 else {
            throw WireError(.oddReferenceCount(references.count), at: position)
        }
        let limit = min(limits.maximumKeyBytes, Self.maximumBodySize)
        let size = symbols.keySize(of: references)
        guard size <= limit - sideBuffer.count else {
            throw WireError(.keysTooLarge(limit: limit), at: position)
        }
        let start = bodySize + sideBuffer.count
        symbols.appendKey(of: references, size: size, in: body, to: &sideBuffer)
        return start..<start + size
    }

    /// Notes the metadata of the series that is being read, unless the metric's last one was the same.
    ///
    /// Each series of a metric repeats it, most often one behind the other; more than the last is not compared, so that
    /// the cost is the same whatever is sent.
    mutating func noteSeriesMetadata(
        _ range: Range<Int>,
        in body: UnsafeRawBufferPointer,
        isOfHistograms: Bool,
        limit: Int
    ) {
        var owner = MetadataOwner(name: MetadataOwner.noName, isOfHistograms: isOfHistograms)
        for index in stride(from: 0, to: references.count - 1, by: 2)
        where symbols.isMetricName(references[index], in: body) {
            owner.name = references[index + 1]
            break
        }
        guard owner.name != MetadataOwner.noName else {
            note(range, owner, limit: limit)
            return
        }
        if lastMetadata.isEmpty {
            lastMetadata.append(contentsOf: repeatElement(0, count: symbols.count))
        }
        let last = Int(lastMetadata[Int(owner.name)])
        if last > 0, metadataOwners[last - 1] == owner,
            body[metadataMessages[last - 1]].elementsEqual(body[range])
        {
            return
        }
        note(range, owner, limit: limit)
        lastMetadata[Int(owner.name)] = UInt32(metadataMessages.count)
    }

    private mutating func note(_ range: Range<Int>, _ owner: MetadataOwner, limit: Int) {
        if metadataCount < limit { metadataOwners.append(owner) }
        noteMetadata(range, limit: limit)
    }
}

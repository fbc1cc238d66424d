public import MetricsModel

/// What is noted by its place, decoded.
extension DecodedWriteRequest {
    /// Decodes a native histogram.
    ///
    /// - Parameter body: The bytes that were scanned.
    /// - Returns: the message, and when its counting began, ms: never after the histogram; 0 is unknown.
    public func histogram(
        _ index: Int,
        in body: UnsafeRawBufferPointer
    ) throws(HistogramMessageError) -> (message: HistogramMessage, start: Int64) {
        let range = histogramMessages[index]
        let message: HistogramMessage
        do throws(HistogramMessageError) {
            message = try HistogramMessage(UnsafeRawBufferPointer(rebasing: body[range]))
        } catch {
            guard case .malformed(var error) = error else { throw error }
            error.offset += range.lowerBound
            throw .malformed(error)
        }
        guard version == .two else { return (message, 0) }
        let own = Self.start(message.startTimestamp, at: message.timestamp)
        guard own == 0, index < histogramStarts.count else { return (message, own) }
        return (message, Self.start(histogramStarts[index], at: message.timestamp))
    }

    /// Decodes an exemplar.
    ///
    /// - Parameter body: The bytes that were scanned.
    public func exemplar(
        at place: ExemplarPlace,
        in body: UnsafeRawBufferPointer
    ) throws(ExemplarFault) -> Exemplar {
        switch version {
        case .one:
            try ExemplarMessage(UnsafeRawBufferPointer(rebasing: body[place.range])).exemplar
        case .two: try ExemplarMessage(place.range, in: body, symbols: symbols).exemplar
        }
    }

    /// Decodes a metadata entry; of 2.0 it is that of the metric that the series is a part of.
    ///
    /// - Parameter body: The bytes that were scanned.
    public func metadata(
        _ index: Int,
        in body: UnsafeRawBufferPointer
    ) throws(MetadataFault) -> MetricMetadata {
        let range = metadataMessages[index]
        return switch version {
        case .one:
            try MetadataMessage(UnsafeRawBufferPointer(rebasing: body[range])).metadata
        case .two:
            try MetadataMessage(range, of: metadataOwners[index], in: body, symbols: symbols)
                .metadata
        }
    }
}

internal import MetricsModel
internal import RemoteWrite

/// What comes with samples; none of it makes a sample refused.
extension WritePreparation {
    /// Counts the exemplars that are not decoded: all where none are kept, else those beyond the limit.
    mutating func noteExemplars(of request: DecodedWriteRequest) {
        takesExemplars = limits.keepsExemplars && !request.exemplarMessages.isEmpty
        guard limits.keepsExemplars else {
            exemplarRefusals.add(silently: .exemplarsDisabled, count: request.exemplarCount)
            return
        }
        let limit = request.exemplarMessages.count
        exemplarRefusals.add(
            .tooManyExemplars,
            count: request.exemplarCount - limit,
            fault: "request has more than \(limit) exemplars"
        )
    }

    /// The messages of a row; those of the rows before were passed.
    func exemplars(
        ofRow row: Int,
        in request: DecodedWriteRequest
    ) -> ArraySlice<DecodedWriteRequest.ExemplarPlace> {
        request.exemplarMessages[nextExemplar...].prefix { $0.row == row }
    }

    mutating func passExemplars(ofRow row: Int, in request: DecodedWriteRequest) {
        while nextExemplar < request.exemplarMessages.count,
            request.exemplarMessages[nextExemplar].row == row
        { nextExemplar += 1 }
    }

    /// Decodes a row's exemplars, and tallies those that cannot be stored.
    mutating func takeExemplars(ofRow row: Int, in scratch: WriteScratch) {
        for place in exemplars(ofRow: row, in: scratch.request) {
            do throws(ExemplarFault) {
                let exemplar = try scratch.request.exemplar(at: place, in: scratch.buffer.bytes)
                let timestamp = exemplar.timestamp
                // That of the other replica is there, or was refused.
                guard !isSuperseded(timestamp) else { continue }
                if timestamp > acceptedTimestamps.upperBound {
                    exemplarRefusals.add(.exemplarTooFarInFuture, count: 1) {
                        (
                            "exemplar's timestamp \(timestamp) is too far in the future",
                            Self.describe(row, of: scratch)
                        )
                    }
                } else if timestamp < acceptedTimestamps.lowerBound {
                    exemplarRefusals.add(.exemplarTooOld, count: 1) {
                        (
                            "exemplar's timestamp \(timestamp) is too old",
                            Self.describe(row, of: scratch)
                        )
                    }
                } else {
                    columns.exemplars.append(exemplar)
                }
            } catch {
                exemplarRefusals.add(DiscardReason(error), count: 1) {
                    (error.description, Self.describe(row, of: scratch))
                }
            }
        }
    }

    /// What is longer in an entry than the tenant's limit allows; nil where nothing is.
    private func lengthFault(of entry: MetricMetadata) -> (reason: DiscardReason, text: String)? {
        let limit = limits.maximumMetadataLength
        let parts: [(String, DiscardReason, String)] = [
            ("name", .metadataNameTooLong, entry.name), ("help", .metadataHelpTooLong, entry.help),
            ("unit", .metadataUnitTooLong, entry.unit),
        ]
        for (what, reason, text) in parts where text.utf8.count > limit {
            return (
                reason,
                "\(what) of the metadata of \(ShortText.prefix(of: entry.name, bytes: 100)) has "
                    + "\(text.utf8.count) bytes, limit \(limit) (limits.maxMetadataLength)"
            )
        }
        return nil
    }

    /// Decodes the metadata of a request, and tallies the entries that cannot be stored.
    mutating func takeMetadata(of scratch: WriteScratch) {
        var ofSeries: Set<MetricMetadata> = []
        for index in scratch.request.metadataMessages.indices {
            do throws(MetadataFault) {
                let entry = try scratch.request.metadata(index, in: scratch.buffer.bytes)
                if let fault = lengthFault(of: entry) {
                    metadataRefusals.add(fault.reason, count: 1, fault: fault.text)
                    continue
                }
                // Series of 2.0 each have their metric's: those of a histogram, say, with the same name.
                guard scratch.request.version == .one || ofSeries.insert(entry).inserted else {
                    continue
                }
                columns.metadata.append(entry)
            } catch {
                metadataRefusals.add(
                    DiscardReason(error),
                    count: 1,
                    fault: error.description
                )
            }
        }
        let limit = scratch.request.metadataMessages.count
        metadataRefusals.add(
            .tooMuchMetadata,
            count: scratch.request.metadataCount - limit,
            fault: "request has more than \(limit) metadata entries"
        )
    }
}

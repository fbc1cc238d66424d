internal import MetricsModel
internal import Querying

/// Writes counts of series and labels in the shapes of Prometheus and Mimir.
enum CardinalityJSON {
    /// Prometheus' `status/tsdb`, with the range that was counted beside it; times in milliseconds.
    static func answer(_ statistics: SeriesStatistics, countedIn range: TimeRange) -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\",\"data\":{\"headStats\":{\"numSeries\":")
        json.integer(Int64(statistics.seriesCount))
        json.raw(",\"numLabelPairs\":")
        json.integer(Int64(statistics.labelPairCount))
        json.raw(",\"chunkCount\":")
        json.integer(Int64(statistics.chunkCount))
        // Like upstream: where there is nothing, the first time is behind the last.
        let isEmpty = statistics.range.isEmpty
        json.raw(",\"minTime\":")
        json.integer(isEmpty ? .max : statistics.range.start)
        json.raw(",\"maxTime\":")
        json.integer(isEmpty ? .min : statistics.range.end - 1)
        json.raw("},\"seriesCountByMetricName\":")
        ranking(statistics.seriesByMetric, &json)
        json.raw(",\"labelValueCountByLabelName\":")
        ranking(statistics.valuesByLabel, &json)
        json.raw(",\"memoryInBytesByLabelName\":")
        ranking(statistics.bytesByLabel, &json)
        json.raw(",\"seriesCountByLabelValuePair\":")
        ranking(statistics.seriesByLabelPair, &json)
        json.raw(",\"countedRange\":{\"start\":")
        json.integer(range.start)
        json.raw(",\"end\":")
        json.integer(range.end == .max ? .max : range.end - 1)
        json.raw("}}}")
        return json
    }

    /// Mimir's `cardinality/label_names`.
    static func answer(_ counts: LabelNameCounts) -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{\"label_values_count_total\":")
        json.integer(Int64(counts.valueCount))
        json.raw(",\"label_names_count\":")
        json.integer(Int64(counts.nameCount))
        json.raw(",\"cardinality\":")
        json.list(counts.names.entries) { json, entry in
            json.raw("{\"label_name\":")
            json.string(entry.name)
            json.raw(",\"label_values_count\":")
            json.integer(Int64(entry.count))
            json.raw("}")
        }
        json.raw("}")
        return json
    }

    /// Mimir's `cardinality/label_values`.
    static func answer(_ counts: LabelValueCounts) -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{\"series_count_total\":")
        json.integer(Int64(counts.seriesCount))
        json.raw(",\"labels\":")
        json.list(counts.labels) { json, label in
            json.raw("{\"label_name\":")
            json.string(label.name)
            json.raw(",\"label_values_count\":")
            json.integer(Int64(label.valueCount))
            json.raw(",\"series_count\":")
            json.integer(Int64(label.seriesCount))
            json.raw(",\"cardinality\":")
            json.list(label.values.entries) { json, entry in
                json.raw("{\"label_value\":")
                json.string(entry.name)
                json.raw(",\"series_count\":")
                json.integer(Int64(entry.count))
                json.raw("}")
            }
            json.raw("}")
        }
        json.raw("}")
        return json
    }

    private static func ranking(_ ranking: CountRanking, _ json: inout JSONBuffer) {
        json.list(ranking.entries) { json, entry in
            json.raw("{\"name\":")
            json.string(entry.name)
            json.raw(",\"value\":")
            json.integer(Int64(entry.count))
            json.raw("}")
        }
    }
}

/// What of Grafana's dashboards our pages have; `Tests/Web/import-report.test.mjs` holds these lists against the pages' own.
package enum BoardSupport {
    /// Types of panels that are drawn, or turned into one that is. All others are shown as tables.
    package static let panels: Set<String> = [
        "alertlist", "barchart", "bargauge", "boxplot", "candlestick", "dashlist", "gauge", "grafana-piechart-panel",
        "grafana-singlestat-panel", "graph", "graph2", "heatmap", "histogram", "logs", "nodeGraph", "piechart", "row",
        "singlestat", "stat", "state-timeline", "status-history", "table", "table-old", "text", "text2", "timeseries",
        "traces",
    ]

    /// Transformations that are applied. All others are left out.
    package static let transformations: Set<String> = [
        "calculateField", "concatenate", "convertFieldType", "extractFields", "filterByRefId", "filterByValue",
        "filterFieldsByName", "formatTime", "groupBy", "groupingToMatrix", "histogram", "joinByField", "joinByLabels",
        "labelsToFields", "limit", "merge", "organize", "partitionByValues", "prepareTimeSeries", "reduce",
        "renameByRegex", "rowsToFields", "seriesToColumns", "seriesToRows", "sortBy", "timeSeriesTable", "transpose",
    ]

    /// Types of variables that have values.
    package static let variables: Set<String> = [
        "adhoc", "constant", "custom", "datasource", "filter", "interval", "query", "textbox",
    ]

    /// Types of data sources that can be asked.
    package static let sources: Set<String> = [
        "alertmanager", "grafana-amazonprometheus-datasource", "loki", "prometheus", "tempo",
        "victoriametrics-metrics-datasource",
    ]

    /// Types and names of sources that are not servers, and are followed.
    package static let builtInSources: Set<String> = [
        "", "-- Dashboard --", "-- Grafana --", "-- Mixed --", "__expr__", "dashboard", "datasource", "default",
        "grafana", "mixed",
    ]
}

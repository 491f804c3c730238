// Shapes shared by the modules: Grafana's dashboard model as far as it is read, and our own data frames.

export interface DataSource {
    uid: string; name: string; type: string; url: string; isDefault: boolean;
    jsonData: { timeInterval?: string; [key: string]: unknown };
}
export interface DataSourceRef { type?: string; uid?: string }

export interface TimeRange { from: number; to: number; raw: { from: string; to: string } }

export interface Threshold { value: number | null; color: string }
export interface Thresholds { mode: 'absolute' | 'percentage'; steps: Threshold[] }
export interface Mapping { type: string; options: any }
export interface FieldConfig {
    unit?: string; decimals?: number | null; min?: number | null; max?: number | null;
    displayName?: string; displayNameFromDS?: string; noValue?: string;
    color?: { mode: string; fixedColor?: string; seriesBy?: string };
    thresholds?: Thresholds; mappings?: Mapping[]; links?: any[];
    custom?: Record<string, any>;
}
export interface Override { matcher: { id: string; options?: any }; properties: { id: string; value: any }[] }

export interface Field {
    /** `trend`: each value is a small series, `{values, times, value}`. */
    name: string; type: 'time' | 'number' | 'string' | 'trend';
    labels?: Record<string, string>; values: any[];
    config: FieldConfig; refId?: string;
    /** Position among the numeric fields of the panel: the index into the palette. */
    index?: number;
}
export interface Frame { refId: string; name?: string; fields: Field[]; rows: number; step?: number; notice?: string }

export interface Target {
    refId: string; hide?: boolean; datasource?: DataSourceRef | string | null;
    expr?: string; query?: string; legendFormat?: string; interval?: string; intervalFactor?: number;
    format?: string; instant?: boolean; range?: boolean; queryType?: string; maxLines?: number | string; limit?: number;
    [key: string]: any;
}
export interface Panel {
    id: number; type: string; title?: string; description?: string; transparent?: boolean;
    gridPos: { x: number; y: number; w: number; h: number };
    datasource?: DataSourceRef | string | null; targets?: Target[];
    fieldConfig: { defaults: FieldConfig; overrides: Override[] };
    options: Record<string, any>; transformations?: { id: string; options: any; disabled?: boolean }[];
    links?: any[]; repeat?: string; repeatDirection?: 'h' | 'v'; maxPerRow?: number;
    interval?: string; maxDataPoints?: number | null; timeFrom?: string | null; timeShift?: string | null;
    collapsed?: boolean; panels?: Panel[];
    /** Set on the clones of a repeated panel: values which replace variables inside it. */
    scoped?: Record<string, VariableValue>;
    [key: string]: any;
}
export interface VariableOption { text: string; value: string }
export interface Variable {
    name: string; type: string; label?: string; description?: string; hide?: number; query?: any; definition?: string;
    regex?: string; sort?: number; refresh?: number; multi?: boolean; includeAll?: boolean; allValue?: string | null;
    datasource?: DataSourceRef | string | null; current?: any; options?: any[];
    auto?: boolean; auto_count?: number; auto_min?: string; skipUrlSync?: boolean;
    [key: string]: any;
}
export interface VariableValue {
    /** Chosen values; one entry unless the variable takes several. */
    values: string[]; texts: string[]; isAll: boolean; allValue?: string | null; multi: boolean;
    /** Of an ad hoc variable: matchers for every selector over one data source. */
    filters?: AdhocFilter[]; sourceUid?: string;
}
export interface AdhocFilter { key: string; operator: string; value: string }
export interface VariableState { variable: Variable; value: VariableValue; options: VariableOption[]; error?: string }

export interface Dashboard {
    uid: string; title: string; description?: string; tags?: string[]; panels: Panel[];
    templating: { list: Variable[] }; time: { from: string; to: string }; refresh?: string | false;
    timezone?: string; graphTooltip?: number; links?: any[]; timepicker?: any; schemaVersion?: number; [key: string]: any;
}

/** What interpolation needs: variables by name, the panel's own values and the time range. */
export interface Scope {
    variables: Record<string, VariableValue>;
    scoped?: Record<string, VariableValue>;
    range: TimeRange;
    intervalMs?: number;
    rateIntervalMs?: number;
    dashboard?: { title: string; uid: string };
    user?: string;
    zone?: string;
    /** Adds or changes an annotation that is kept; absent for who may not. */
    annotate?: (what: import('../dashboard/annotation-sheet.js').Place) => void;
}

export interface LogLine {
    key: string; timeNs: string; timeMs: number; line: string; level: string;
    labels: Record<string, string>; metadata: Record<string, string>;
}

export interface Span {
    id: string; parentId: string; traceId: string; name: string; kind: string; service: string;
    startNs: bigint; endNs: bigint; startUs: number; durationUs: number; error: boolean; statusMessage: string;
    attributes: Record<string, string>; resource: Record<string, string>; scope: string;
    events: { name: string; timeUs: number; attributes: Record<string, string> }[];
    links: { traceId: string; spanId: string }[];
}
export interface SpanNode { span: Span; depth: number; children: SpanNode[]; parent: SpanNode | null; descendants: number; orphan: boolean }

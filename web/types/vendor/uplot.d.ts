// The parts of uPlot 1.6 which the interface uses.

declare class uPlot {
    constructor(options: any, data: any[], target: HTMLElement);
    root: HTMLElement;
    over: HTMLElement;
    ctx: CanvasRenderingContext2D;
    bbox: { left: number; top: number; width: number; height: number };
    data: any[];
    series: any[];
    axes: any[];
    scales: Record<string, { min?: number; max?: number }>;
    cursor: { left?: number; top?: number; idx?: number | null };
    select: { left: number; width: number; top: number; height: number };
    width: number;
    height: number;
    setData(data: any[], resetScales?: boolean): void;
    setSize(size: { width: number; height: number }): void;
    setSelect(box: { left: number; width: number; top: number; height: number }, fire?: boolean): void;
    setCursor(at: { left: number; top: number }, fire?: boolean, publish?: boolean): void;
    setSeries(index: number | null, options: { show?: boolean; focus?: boolean }, fire?: boolean): void;
    posToVal(position: number, scale: string): number;
    valToPos(value: number, scale: string, canvas?: boolean): number;
    redraw(rebuildPaths?: boolean, recalcAxes?: boolean): void;
    destroy(): void;
    static paths: Record<string, (options?: any) => any>;
    static pxRatio: number;
    static tzDate(date: Date, zone: string | undefined): Date;
    static sync(key: string): any;
}
export default uPlot;

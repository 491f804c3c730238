// The parts of Preact 10 and htm 3 which the interface uses.

export type Child = VNode | string | number | bigint | boolean | null | undefined | Child[];
export interface VNode { type: unknown; props: Record<string, unknown>; key: unknown }
export interface Ref<T> { current: T }
type Update<T> = T | ((previous: T) => T);

export function html(strings: TemplateStringsArray, ...values: unknown[]): VNode;
export function render(node: Child, parent: Element): void;
export function useState<T>(initial: T | (() => T)): [T, (next: Update<T>) => void];
export function useReducer<S, A>(reducer: (state: S, action: A) => S, initial: S): [S, (action: A) => void];
export function useRef<T>(initial: T): Ref<T>;
export function useMemo<T>(make: () => T, inputs: unknown[]): T;
export function useCallback<F extends (...args: any[]) => any>(callback: F, inputs: unknown[]): F;
export function useEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
export function useLayoutEffect(effect: () => void | (() => void), inputs?: unknown[]): void;
export function useErrorBoundary(callback?: (error: any) => void): [any, () => void];
export interface Context<T> { Provider: (props: { value: T; children?: Child }) => VNode }
export function createContext<T>(initial: T): Context<T>;
export function useContext<T>(context: Context<T>): T;

import type { PropertyValue } from "../abi/property.ts";
import type { NodeRequest } from "../node/headers.ts";
import type { Cluster } from "./cluster.ts";
import type { ListenerConfig, RouteConfig } from "./config.ts";
import { type Exchanged, findRoute } from "./proxy.ts";

/** What a request began with, and what has become of it. */
type Known = Exchanged & {
  readonly config: ListenerConfig;
  readonly generation: { readonly clusters: ReadonlyMap<string, Cluster> };
};

/** What the gateway tells plugins of a request: where it goes, as far as that is known when they ask. */
export function requestProperties(request: NodeRequest, exchange: Known): { readonly [name: string]: PropertyValue } {
  const route = (): RouteConfig | undefined => exchange.route ?? findRoute(exchange.config, request);
  const endpoint = (): URL | undefined => (exchange.endpoint === undefined ? undefined : new URL(exchange.endpoint));
  return {
    get route_name(): PropertyValue {
      return route()?.name;
    },
    get cluster_name(): PropertyValue {
      return route()?.cluster;
    },
    listener_direction: 1n,
    upstream: {
      get address(): PropertyValue {
        return endpoint()?.host;
      },
      request_attempt_count: 1n,
      get num_endpoints(): PropertyValue {
        const name = route()?.cluster;
        return name === undefined ? undefined : BigInt(exchange.generation.clusters.get(name)?.endpoints.length ?? 0);
      },
      get port(): PropertyValue {
        const url = endpoint();
        return url === undefined ? undefined : BigInt(url.port || (url.protocol === "https:" ? 443 : 80));
      },
    },
  };
}

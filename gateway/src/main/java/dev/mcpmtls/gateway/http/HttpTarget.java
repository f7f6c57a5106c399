// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.gateway.http;

import io.vertx.core.http.RequestOptions;
import java.net.URI;

/** Requests to an address of a server. */
final class HttpTarget {

    private HttpTarget() {}

    static RequestOptions of(URI url) {
        return new RequestOptions().setAbsoluteURI(url.toString()).setFollowRedirects(false);
    }
}

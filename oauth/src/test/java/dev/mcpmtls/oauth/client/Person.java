// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.oauth.client;

import dev.mcpmtls.oauth.client.login.Browser;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** A person with a browser. */
final class Person {

    /** The authorization requests that they were shown. */
    final List<Map<String, String>> shown = new CopyOnWriteArrayList<>();

    /** The pages that they came back to. */
    final List<HttpResponse<String>> pages = new CopyOnWriteArrayList<>();

    boolean refuses;

    /** Where they log in. */
    String issuer;

    Person(OAuthWorld world) {
        this.issuer = world.issuer();
    }

    Browser consenting() {
        return page -> answering(
                        refuses
                                ? Map.of("error", "access_denied", "iss", issuer)
                                : Map.of("code", "c-1", "iss", issuer))
                .open(page);
    }

    /** Answers the authorization request with these parameters, beside the state. */
    Browser answering(Map<String, String> parameters) {
        return page -> {
            Map<String, String> request = query(page);
            shown.add(request);
            Map<String, String> response = new LinkedHashMap<>(Map.of("state", request.get("state")));
            response.putAll(parameters);
            visit(URI.create(request.get("redirect_uri") + "?" + form(response)));
        };
    }

    HttpResponse<String> visit(URI url) {
        try {
            HttpResponse<String> page =
                    HttpClient.newHttpClient().send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString());
            pages.add(page);
            return page;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static Map<String, String> query(URI url) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : url.getRawQuery().split("&")) {
            String[] sides = pair.split("=", 2);
            parameters.put(sides[0], URLDecoder.decode(sides[1], StandardCharsets.UTF_8));
        }
        return parameters;
    }

    private static String form(Map<String, String> parameters) {
        return parameters.entrySet().stream()
                .map(one -> one.getKey() + "=" + URLEncoder.encode(one.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}

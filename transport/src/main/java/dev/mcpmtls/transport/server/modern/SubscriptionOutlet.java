// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.transport.server.modern;

import dev.mcpmtls.protocol.JsonRpcMessage;
import dev.mcpmtls.protocol.JsonRpcMessage.Notification;
import dev.mcpmtls.transport.server.backend.Outlet;
import dev.mcpmtls.transport.server.call.Announcer;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** Takes what a backend says of its own accord to the session behind a subscription. */
record SubscriptionOutlet(Announcer announcer, Subscription subscription) implements Outlet {

    @Override
    public void pass(JsonRpcMessage message) {
        if (message instanceof Notification told) {
            announcer.pass(subscription, told.method(), told.params(), () -> subscription.pass(told));
        }
    }

    @Override
    public void notification(String method, @Nullable Object params) {
        announcer.pass(subscription, method, params, () -> subscription.tell(method, params));
    }

    @Override
    public void result(Object members, Map<String, Object> meta) {}

    @Override
    public void error(Failure failure) {}

    @Override
    public Mono<Void> question(Object id, String method, @Nullable Object params) {
        return Mono.error(new IllegalStateException("a subscription asks its client nothing"));
    }
}

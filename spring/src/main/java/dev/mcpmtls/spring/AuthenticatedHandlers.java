// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.spring;

import dev.mcpmtls.transport.server.caller.Caller;
import io.modelcontextprotocol.common.McpTransportContext;
import io.modelcontextprotocol.server.McpAsyncServerExchange;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncCompletionSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncPromptSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncResourceSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncResourceTemplateSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.AsyncToolSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncCompletionSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncPromptSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncResourceSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncResourceTemplateSpecification;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpSyncServerExchange;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextImpl;
import reactor.core.publisher.Mono;

/** Has the handlers of tools, prompts, resources and completions run with their caller as Spring Security's authentication. */
final class AuthenticatedHandlers implements BeanPostProcessor {

    private final CallerAuthorities authorities;
    private final Map<Class<?>, UnaryOperator<Object>> kinds = Map.of(
            SyncToolSpecification.class, bean -> of((SyncToolSpecification) bean),
            SyncPromptSpecification.class, bean -> of((SyncPromptSpecification) bean),
            SyncResourceSpecification.class, bean -> of((SyncResourceSpecification) bean),
            SyncResourceTemplateSpecification.class, bean -> of((SyncResourceTemplateSpecification) bean),
            SyncCompletionSpecification.class, bean -> of((SyncCompletionSpecification) bean),
            AsyncToolSpecification.class, bean -> of((AsyncToolSpecification) bean),
            AsyncPromptSpecification.class, bean -> of((AsyncPromptSpecification) bean),
            AsyncResourceSpecification.class, bean -> of((AsyncResourceSpecification) bean),
            AsyncResourceTemplateSpecification.class, bean -> of((AsyncResourceTemplateSpecification) bean),
            AsyncCompletionSpecification.class, bean -> of((AsyncCompletionSpecification) bean));

    AuthenticatedHandlers(CallerAuthorities authorities) {
        this.authorities = authorities;
    }

    /** Specifications are beans of their own, or the elements of a list that is one. */
    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof List<?> list
                && list.stream().anyMatch(element -> element != null && kinds.containsKey(element.getClass()))) {
            return list.stream()
                    .map(element -> element == null ? null : authenticated(element))
                    .toList();
        }
        return authenticated(bean);
    }

    private Object authenticated(Object bean) {
        UnaryOperator<Object> kind = kinds.get(bean.getClass());
        return kind == null ? bean : kind.apply(bean);
    }

    private Object of(SyncToolSpecification bean) {
        return new SyncToolSpecification(bean.tool(), blocking(bean.callHandler()));
    }

    private Object of(SyncPromptSpecification bean) {
        return new SyncPromptSpecification(bean.prompt(), blocking(bean.promptHandler()));
    }

    private Object of(SyncResourceSpecification bean) {
        return new SyncResourceSpecification(bean.resource(), blocking(bean.readHandler()));
    }

    private Object of(SyncResourceTemplateSpecification bean) {
        return new SyncResourceTemplateSpecification(bean.resourceTemplate(), blocking(bean.readHandler()));
    }

    private Object of(SyncCompletionSpecification bean) {
        return new SyncCompletionSpecification(bean.referenceKey(), blocking(bean.completionHandler()));
    }

    private Object of(AsyncToolSpecification bean) {
        return new AsyncToolSpecification(bean.tool(), reactive(bean.callHandler()));
    }

    private Object of(AsyncPromptSpecification bean) {
        return new AsyncPromptSpecification(bean.prompt(), reactive(bean.promptHandler()));
    }

    private Object of(AsyncResourceSpecification bean) {
        return new AsyncResourceSpecification(bean.resource(), reactive(bean.readHandler()));
    }

    private Object of(AsyncResourceTemplateSpecification bean) {
        return new AsyncResourceTemplateSpecification(bean.resourceTemplate(), reactive(bean.readHandler()));
    }

    private Object of(AsyncCompletionSpecification bean) {
        return new AsyncCompletionSpecification(bean.referenceKey(), reactive(bean.completionHandler()));
    }

    private <I, O> BiFunction<McpSyncServerExchange, I, O> blocking(BiFunction<McpSyncServerExchange, I, O> handler) {
        return (exchange, request) -> {
            SecurityContext before = SecurityContextHolder.getContext();
            SecurityContextHolder.setContext(new SecurityContextImpl(authentication(exchange.transportContext())));
            try {
                return handler.apply(exchange, request);
            } finally {
                SecurityContextHolder.setContext(before);
            }
        };
    }

    private <I, O> BiFunction<McpAsyncServerExchange, I, Mono<O>> reactive(
            BiFunction<McpAsyncServerExchange, I, Mono<O>> handler) {
        return (exchange, request) -> Mono.defer(() -> handler.apply(exchange, request))
                .contextWrite(
                        ReactiveSecurityContextHolder.withAuthentication(authentication(exchange.transportContext())));
    }

    /** @throws IllegalStateException when the request did not come over mutual TLS */
    private CallerAuthentication authentication(McpTransportContext context) {
        Caller caller = Caller.from(context);
        return new CallerAuthentication(caller, authorities.of(caller));
    }
}

package internal.ticketing.gateway;

import internal.ticketing.gateway.proxy.ProxyServlet;
import java.time.Clock;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What stands where: the proxy takes each path that the actuator's servlet does not. */
@Configuration(proxyBeanMethods = false)
class GatewayConfiguration {

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    ServletRegistrationBean<ProxyServlet> proxyRegistration(ProxyServlet proxy) {
        return new ServletRegistrationBean<>(proxy, "/");
    }
}
